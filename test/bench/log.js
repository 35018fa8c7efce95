// SPDX-License-Identifier: MIT
// What a line of pino costs: log.js KIND LINES PATH, as log.c. Its stream
// gathers 4,096 bytes before it writes, the fastest that pino has; "sync"
// writes each line, which is what it does unless told otherwise.
'use strict'
const pino = require('pino')

const [kind, lines, path] = process.argv.slice(2)
const minLength = kind === 'sync' ? 0 : 4096
const stream = pino.destination({ dest: path, sync: kind === 'sync', minLength })
const root = pino(stream)
const log = kind === 'child' ? root.child({ a: 'property', id: 7 }) : root

const kinds = {
  hello (i) { log.info('hello world') },
  sync (i) { log.info('hello world') },
  child (i) { log.info('hello world') },
  object (i) { log.info({ hello: 'world', n: i }, 'hello world') },
  deep (i) {
    log.info({ user: { name: 'Ada Lovelace', id: i, share: 0.25, admin: true } },
      'hello world')
  },
  off (i) { log.debug({ hello: 'world', n: i }, 'hello world') },
  empty (i) {}
}
const line = kinds[kind]
const BURST = 1000

function burst () {
  const begun = process.hrtime.bigint()
  for (let i = 0; i < BURST; i++) line(i)
  return Number(process.hrtime.bigint() - begun)
}

async function main () {
  const times = []
  let cpu
  for (let i = -20; i < lines / BURST; i++) {
    if (i === 0) cpu = process.cpuUsage()
    const time = burst()
    if (i >= 0) times.push(time)
    await new Promise(resolve => setImmediate(resolve)) // let it write
  }
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  console.log(JSON.stringify({
    ns: times[times.length >> 1] / BURST,
    cpu: (used.user + used.system) * 1000 / BURST / times.length
  }))
}

stream.on('ready', main)
