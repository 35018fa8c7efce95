/* SPDX-License-Identifier: MIT */
/* What the doctor says about each kind of trouble, whether it was found or
 * not. Words between backticks are code. */

const ADVICE = {
  "event-loop": {
    name: "Event loop",
    banner: "Event loop issue",
    short:
      "One thread serves all connections of a worker, in turns. While a " +
      "handler or a hook computes or waits, everybody else waits, too.",
    rules: [
      ["L1", "Listener leak", "one function is added to the same hook with " +
        "every request, and all of them run for each"],
      ["E1", "Blocked loop", "turns of 100 ms and more, or much of the time " +
        "in turns that are too long"],
      ["E3", "Starved loop", "the loop wanted to run and other processes had " +
        "the CPU"],
      ["E2", "Loop full", "it is busy at least 95 % of the time, with no " +
        "turn that is long"],
      ["A1", "Amplification", "a handler runs more often than once for each " +
        "request, and it costs"],
      ["C1", "Hot library", "a quarter of the CPU time goes into one library"],
    ],
    understanding: [
      "The delay is the age of the loop's current turn: how long a request " +
        "that arrives just now must wait before anybody looks at it. It is " +
        "measured by a thread of its own, which sees a turn while it lasts, " +
        "and weighted by time: one turn of a second counts as much as a " +
        "thousand of a millisecond.",
      "Utilisation is the share of time in which the loop did not sleep. A " +
        "long delay with little CPU is a call that blocks (a file, a lock, a " +
        "name look-up); with the CPU full it is computation; with a CPU that " +
        "others have, the process was starved and the machine is to blame.",
      "Latency follows from it: with 100 connections and 15 ms of work each, " +
        "the last in a turn waits for one and a half seconds.",
    ],
    next: [
      "Take a flame graph under the same load: the widest block at the top " +
        "of the stacks is what to make cheaper, move or leave out. " +
        "`SEED_FLAME=flame.html` beside the same `SEED_ON_PORT`.",
      "Heavy work does not belong into the loop: `seed_offload()` runs it on " +
        "a pool of threads and resumes the request; or split it into pieces " +
        "with `seed_next_turn()` between them.",
      "A hook is added once, when the server is set up. What is added for " +
        "one request is taken away by `seed_off()`. " +
        "`SEED_TRACE_WARNINGS=1` prints the stack of who adds it.",
      "Meanwhile protect those that can still be served: `seed_shed_load()` " +
        "answers 503 to requests that have waited too long, so that a load " +
        "balancer can turn to others.",
      "Ask whether the work is needed at all: an ETag can be a version " +
        "instead of a digest, a key can be the URL itself, a body need not " +
        "be serialised twice.",
    ],
    reference: [
      "libseed's guide: doctor.md, loop-delay.md, after-hooks.md, " +
        "overload.md.",
      "The article “Keeping Node.js Fast” (2018) walks through just this.",
      "`<seed/lag.h>`, `<seed/ledger.h>`, `<seed/hook.h>`, `<seed/shed.h>`.",
    ],
  },
  memory: {
    name: "Memory",
    banner: "Memory issue",
    short:
      "Memory that grows with the requests, or an allocator that costs more " +
      "time than the work it serves.",
    rules: [
      ["M1", "Leak", "the heap in use rises steadily while the requests in " +
        "flight do not"],
      ["M2", "Allocator pressure", "much of the CPU time goes into malloc, " +
        "free and their kin, or most of the mapped heap is holes"],
    ],
    understanding: [
      "Heap in use is what the program holds; heap mapped is what the " +
        "allocator has of the system; RSS is what lies in memory, with code, " +
        "stacks and files. A leak shows in the first and drags the others " +
        "along. Mapped far above in use means holes: large and small blocks " +
        "mixed, or a peak that has passed.",
      "A cache that fills looks like a leak until it is full. The recording " +
        "must be longer than that, or the cache smaller.",
    ],
    next: [
      "Record longer, and look whether the line of the heap in use bends.",
      "Look for what is kept for each request: entries of a table, hooks, " +
        "slots, `json_t` with one reference too many.",
      "`valgrind --leak-check=full --show-leak-kinds=all ./app` says where " +
        "what was lost, or is still held at the end, came from; a build " +
        "with `-fsanitize=address` says the first.",
      "For pressure: memory that lives as long as the request comes from " +
        "`seed_req_alloc()`, which asks the allocator rarely, and buffers " +
        "that are used again need no malloc.",
    ],
    reference: [
      "libseed's guide: doctor.md, observing.md, metrics.md.",
      "mallinfo2(3), malloc(3), valgrind(1).",
    ],
  },
  io: {
    name: "Waiting",
    banner: "I/O issue",
    short:
      "The loop is idle while requests wait: for something else to answer, " +
      "or for clients that do not take what they were given.",
    rules: [
      ["I1", "Waiting on I/O", "requests in flight and a loop that sleeps: " +
        "latency is many times the CPU time of a request"],
      ["I2", "Slow clients", "more than a megabyte of answers waits for " +
        "clients to take it, and it grows"],
    ],
    understanding: [
      "Nothing in this process is slow: it has asked a database, another " +
        "server or a thread, and waits. Latency will not change when the " +
        "code gets faster, only when it asks less, asks earlier, or asks " +
        "several at once.",
      "A backlog of output is memory that clients hold. Reading from a " +
        "connection stops while its answer waits, so that it cannot grow " +
        "without bound on one connection, but it does with many.",
    ],
    next: [
      "The table “Where the time went” has the waits of each route: the " +
        "longest first.",
      "Look at the other side: its log, its slow queries, its own doctor.",
      "Ask in parallel what does not depend on each other, keep connections " +
        "open, and keep what was answered for as long as it is true.",
      "For slow clients: smaller answers, or a proxy in front that takes " +
        "them at once.",
    ],
    reference: ["libseed's guide: doctor.md, async-answers.md, bodies.md."],
  },
  handles: {
    name: "Handles",
    banner: "Handle issue",
    short: "Files or sockets that are opened and never closed, or " +
      "connections that live for one request.",
    rules: [
      ["H1", "Handle leak", "open files rise without connections that need " +
        "them, or the limit of files is near"],
      ["H2", "Connection churn", "nearly every request comes on a connection " +
        "of its own"],
    ],
    understanding: [
      "Handles are what the loop watches: a socket for each client, " +
        "listeners, timers. Under a load of 100 connections a little over " +
        "100 that stay the same is healthy. A line that climbs ends at the " +
        "limit of open files, where nobody can connect any more.",
      "Opening a connection costs more than a small request on one: packets " +
        "there and back, and with TLS a handshake.",
    ],
    next: [
      "`ls -l /proc/PID/fd` says what they are; look for the one that there " +
        "are hundreds of.",
      "Close on every way out, also when a request fails or its client has " +
        "gone: an `after` hook runs exactly once for all of them.",
      "Churn: let clients keep connections (HTTP/1.1 does unless told not " +
        "to), and look who sends `Connection: close`.",
    ],
    reference: [
      "libseed's guide: doctor.md, after-hooks.md. proc(5), getrlimit(2).",
    ],
  },
  overload: {
    name: "Overload",
    banner: "Overload",
    short: "More was asked than can be done, and requests were refused so " +
      "that others are answered in time.",
    rules: [
      ["S1", "Shedding", "more than one request in a hundred was refused"],
    ],
    understanding: [
      "Refusing early and cheaply is right: a server that takes everything " +
        "answers nobody in time. But each refused request is somebody who " +
        "was not served.",
    ],
    next: [
      "Find what a request costs and make it cheaper: the table and a flame " +
        "graph name it.",
      "Or have more to do it with: workers (`options.workers`), machines.",
      "Say what may be refused first: `seed_shed_class()`. Health checks " +
        "must be exempt.",
    ],
    reference: ["libseed's guide: doctor.md, overload.md. `<seed/shed.h>`."],
  },
  unknown: {
    name: "Unknown",
    banner: "Something is slow, and none of the rules says why",
    short: "Latency is far from even, but no rule explains it. The evidence " +
      "is below, as it is.",
    rules: [
      ["U0", "Unknown", "p99 is above 250 ms or ten times p50, and no other " +
        "rule holds"],
    ],
    understanding: [
      "The machine may be to blame: a load generator on the same CPUs, other " +
        "programs, a virtual machine that is not alone.",
      "Or it is in what the doctor does not see: the network, a proxy in " +
        "front, the client itself.",
    ],
    next: [
      "Record again, longer, on a machine that does nothing else.",
      "Let the load come from another machine.",
      "A flame graph of the same load may show what is not a rule yet.",
    ],
    reference: ["libseed's guide: doctor.md, observing.md."],
  },
  "not-enough": {
    name: "Not enough",
    banner: "Not enough to judge",
    short: "The recording was too short, or too few requests came, to say " +
      "anything with honesty.",
    rules: [
      ["", "Not enough", "less than 2 seconds of load, or fewer than 50 " +
        "requests"],
    ],
    understanding: [
      "Numbers from a few requests are accidents: caches are cold, and one " +
        "slow answer is a whole per cent.",
    ],
    next: [
      "Ten seconds with 100 connections are a good start: " +
        "`SEED_ON_PORT='wrk -c100 -d10 http://localhost:$PORT/'`.",
    ],
    reference: ["libseed's guide: doctor.md, observing.md."],
  },
  none: {
    name: "No issue",
    banner: "No issue found",
    short: "No rule holds: the loop was free when it was needed, memory and " +
      "handles kept their size.",
    rules: [],
    understanding: [
      "This says that nothing is wrong, not that nothing could be faster. " +
        "Whether more is worth it is a question of the goal.",
    ],
    next: [
      "Set a goal and keep it: `SEED_GOAL='rps>=4000,p99<=20ms'` fails the " +
        "run when it is missed, in CI as well.",
      "In a flame graph of a server that is fast the widest block is the " +
        "write to the network.",
      "Keep this report's JSON: the next recording can be compared with it " +
        "(`SEED_BEFORE`).",
    ],
    reference: ["The article “Keeping Node.js Fast” (2018): when to stop."],
  },
};

/* A recording may be of a later version, with categories of its own. */
function categoryOf(name) {
  return Object.hasOwn(ADVICE, name) ? name : "unknown";
}

function adviceOf(category) {
  return ADVICE[categoryOf(category)];
}

/* Text with its words between backticks as code. */
function prose(text) {
  return text.split("`").map((part, i) => (i % 2 ? make("code", {}, part)
    : part)).filter((part) => part !== "");
}
