import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

import { loopback } from './network.ts'
import { tlsClient } from './tls-client.ts'

/**
 * A client at a fixed, modest rate: `latency-client.ts kept|new|tls PORT RATE SECONDS` prints `{"p50", "p99", "failed"}`
 * in microseconds. A process of its own, so that nothing else delays it. One that is late does not hurry after: a burst
 * would measure its own queue.
 */
const [kind = 'kept', ...numbers] = process.argv.slice(2)
const [port = 0, rate = 0, seconds = 0] = numbers.map(Number)
const keptConnections = 16
/** Its first requests are not counted: V8 has not compiled what they run. */
const warmUp = 0.3

const request = (connection: string): string =>
  `GET / HTTP/1.1\r\nHost: ${loopback}\r\nConnection: ${connection}\r\n\r\n`

const samples: number[] = []
let failed = 0

/** Sends one request, and counts the time to the first byte of the answer. */
async function ask(begun: number, socket: Socket, text: string): Promise<void> {
  socket.write(text)
  const [bytes]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) })
  const took = performance.now() - begun
  if (!String(bytes).startsWith('HTTP/1.1 200')) throw new Error('another answer than 200')
  samples.push(took)
}

async function askAnew(open: () => Socket): Promise<void> {
  const begun = performance.now()
  const socket = open()
  try {
    await ask(begun, socket, request('close'))
  } finally {
    socket.destroy()
  }
}

async function keep(): Promise<() => Promise<void>> {
  const free = Array.from({ length: keptConnections }, () => connect(port, loopback))
  await Promise.all(free.map((socket) => once(socket, 'connect')))
  for (const socket of free) socket.setNoDelay(true)
  const waiting: ((socket: Socket) => void)[] = []
  const release = (socket: Socket): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(socket)
    else next(socket)
  }
  return async () => {
    const begun = performance.now()
    // While every connection waits for an answer, the request waits, too: that is part of what it takes.
    const socket =
      free.shift() ?? (await new Promise<Socket>((resolve) => void waiting.push(resolve)))
    await ask(begun, socket, request('keep-alive'))
    release(socket)
  }
}

const kinds: Readonly<Record<string, () => Promise<() => Promise<void>>>> = {
  kept: keep,
  new: async () => () => askAnew(() => connect(port, loopback)),
  tls: async () => () => askAnew(() => connectTls(tlsClient(port))),
}

async function run(send: () => Promise<void>, end: number): Promise<void> {
  const pending = new Set<Promise<void>>()
  let due = performance.now()
  while (performance.now() < end) {
    const answered = send().catch(() => void (failed += 1))
    pending.add(answered)
    void answered.then(() => pending.delete(answered))
    due = Math.max(due + 1000 / rate, performance.now())
    await pause(Math.max(0, due - performance.now()))
  }
  await Promise.all(pending)
}

function percentile(share: number): number | undefined {
  const value = samples[Math.ceil(samples.length * share) - 1]
  return value === undefined ? undefined : Math.round(value * 1000)
}

const ready = await kinds[kind]?.()
if (ready === undefined) throw new Error(`${kind} is none of ${Object.keys(kinds).join(', ')}`)
await run(ready, performance.now() + warmUp * 1000)
samples.length = 0
await run(ready, performance.now() + seconds * 1000)
samples.sort((a, b) => a - b)
process.stdout.write(JSON.stringify({ p50: percentile(0.5), p99: percentile(0.99), failed }))
process.exit()
