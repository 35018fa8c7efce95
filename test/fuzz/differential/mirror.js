// SPDX-License-Identifier: MIT
// What node takes messages for. For each connection, in the order in which
// they were accepted or later, a line of JSON:
//
//     {"connection": 1, "error": "HPE_..." or null, "messages": [SEEN, ...]}
//
// where SEEN is METHOD.TARGET.BODY.NAME.VALUE... in hex, as mirror.c has it. A
// message counts when its end was found. It is told here and not by answers:
// node sends the one for what it refuses ahead of those for what came before.
'use strict';

const http = require('node:http');

const hex = (text) => Buffer.from(text, 'latin1').toString('hex');

const later = setImmediate;
let accepted = 0;

function describe(req, body) {
  return [hex(req.method), hex(req.url), Buffer.concat(body).toString('hex'),
    ...req.rawHeaders.map(hex)].join('.');
}

function take(req, res) {
  const body = [];
  req.socket.seen.push({ req, body });
  req.on('data', (piece) => body.push(piece));
  req.on('end', () => res.end());
  req.on('error', () => {});
  req.resume();
}

const server = http.createServer({ insecureHTTPParser: false }, take);
server.httpAllowHalfOpen = true;
server.on('connection', (socket) => {
  const connection = ++accepted;
  socket.seen = [];
  socket.wrong = null;
  socket.on('error', () => {});
  // All has been read; some connections node would keep for ever: one whose
  // message has Upgrade and a bad body.
  socket.on('end', () => later(() => later(() => socket.destroy())));
  socket.on('close', () => {
    const whole = socket.seen.filter(({ req }) => req.complete);
    process.stdout.write(JSON.stringify({ connection, error: socket.wrong,
      messages: whole.map(({ req, body }) => describe(req, body)) }) + '\n');
  });
});

// Pieces of a body that is whole are handed out in the next turn.
server.on('clientError', (error, socket) => {
  socket.wrong = socket.wrong || error.code || error.message;
  later(() => socket.destroy());
});

server.listen(process.argv[2], () => console.log('listening'));
process.on('SIGTERM', () => process.exit(0));
