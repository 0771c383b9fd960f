import type { NameServer } from '../../settings/dns-values.ts'
import { type Exchange, sendDatagram, sendStream } from './exchange.ts'
import { type Answered, type Question, readReply, type Reading, writeQuery } from './message.ts'

/** How one server has taken a question. */
export type Told = Answered | { readonly is: 'failed'; readonly reason: string }

type Send = typeof sendDatagram

/**
 * Asks one server one question: over UDP, over TCP when the answer is too long for that, and without EDNS when the
 * server does not know it. What does not answer this question is passed over.
 */
export function query(
  server: NameServer,
  question: Question,
  told: (told: Told) => void,
): Exchange {
  let exchange: Exchange | undefined
  const send = (by: Send, plain: boolean): void => {
    const { id, bytes } = writeQuery(question, plain)
    exchange = by(server, bytes, {
      message: (message) => hear(readReply(message, id, question), by, plain),
      failed: (reason) => told({ is: 'failed', reason }),
    })
  }
  const hear = (reading: Reading, by: Send, plain: boolean): void => {
    const isDatagram = by === sendDatagram
    // Anybody may send one.
    if (reading.is === 'foreign' && isDatagram) return
    exchange?.end()
    if (reading.is === 'truncated' && isDatagram) send(sendStream, plain)
    else if (isRefused(reading, plain)) send(by, true)
    else told(toldBy(reading))
  }
  send(sendDatagram, false)
  return { end: () => exchange?.end() }
}

function isRefused(reading: Reading, plain: boolean): boolean {
  return reading.is === 'failed' && reading.plain && !plain
}

function toldBy(reading: Reading): Told {
  if (reading.is === 'answered') return reading
  return { is: 'failed', reason: reading.is === 'failed' ? reading.reason : 'an answer of no use' }
}
