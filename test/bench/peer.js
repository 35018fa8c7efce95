// SPDX-License-Identifier: MIT
// Node's own http module, for readers who come from there: node peer.js FILE
const body = require('fs').readFileSync(process.argv[2])

const server = require('http').createServer((req, res) => {
  res.setHeader('Content-Length', body.length)
  res.end(body)
})

server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`)
})
