// SPDX-License-Identifier: MIT
// What test/wire/servers/loglines.c does, by pino itself; the same flags.
'use strict'
const fs = require('fs')
const { parseArgs } = require('util')
const pino = require('pino')

const { values: flags } = parseArgs({
  options: {
    name: { type: 'string' },
    child: { type: 'string' },
    redact: { type: 'string', multiple: true },
    censor: { type: 'string' },
    remove: { type: 'boolean' }
  }
})

const options = { level: 'trace' }
if (flags.name !== undefined) options.name = flags.name
if (flags.redact) {
  options.redact = { paths: flags.redact, remove: flags.remove }
  if (flags.censor !== undefined) options.redact.censor = flags.censor
}
let log = pino(options, pino.destination({ fd: 1, sync: true }))
if (flags.child) log = log.child(JSON.parse(flags.child))

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
fs.readFileSync(0, 'utf8').split('\n').filter(Boolean).forEach((text, i) => {
  const { msg, ...object } = JSON.parse(text)
  log[levels[i % 6]](object, msg)
})
