/** A part of a crowd: opens sessions, holds them in silence, lets all speak at once when it is told, and leaves. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { loopback } from '../network.ts'
import type { Heard, Order, Word } from './words.ts'

const [port = '', kind = '', count = '', name = ''] = process.argv.slice(2)
/** Few at a time, so that no handshake waits for longer than it may take. */
const atOnce = 20
const sessions: Socket[] = []

function open(): Socket {
  const to = { port: Number(port), host: loopback }
  if (kind === 'tcp') return connect(to)
  return connectTls({ ...to, servername: name, rejectUnauthorized: false })
}

async function openAll(): Promise<void> {
  const ready = kind === 'tcp' ? 'connect' : 'secureConnect'
  while (sessions.length < Number(count)) {
    const batch = Array.from({ length: Math.min(atOnce, Number(count) - sessions.length) }, open)
    sessions.push(...batch)
    await Promise.all(batch.map((session) => once(session, ready)))
    // One that ends early is counted when all speak.
    for (const session of batch) session.on('error', () => undefined)
  }
}

/** Whether it gets back what it says. */
function ask(session: Socket, question: string): Promise<boolean> {
  return new Promise((resolve) => {
    let answer = ''
    session.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (answer.length >= question.length) resolve(answer === question)
    })
    session.once('close', () => resolve(false))
    if (session.destroyed) resolve(false)
    else session.write(question)
  })
}

async function speak(): Promise<Heard> {
  const begun = performance.now()
  const all = await Promise.all(sessions.map((session, index) => ask(session, `${index} asks;`)))
  const milliseconds = performance.now() - begun
  for (const session of sessions) session.removeAllListeners('data')
  const answered = all.filter(Boolean).length
  return { answered, lost: all.length - answered, milliseconds }
}

async function leave(): Promise<void> {
  const gone = sessions.filter(({ closed }) => !closed).map((session) => once(session, 'close'))
  for (const session of sessions) session.destroy()
  await Promise.all(gone)
  process.disconnect()
}

function tell(word: Word): void {
  process.send?.(word)
}

function fail(error: unknown): void {
  tell({ failed: String(error) })
  process.disconnect()
}

process.on('message', (order: Order) => {
  if (order === 'leave') void leave().catch(fail)
  else void speak().then((heard) => tell({ heard }), fail)
})
process.on('disconnect', () => process.exit())
await openAll().then(() => tell({ held: sessions.length }), fail)
