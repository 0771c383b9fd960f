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
    const isOverTcp = by === sendStream
    if (reading.is === 'foreign' && !isOverTcp) return
    exchange?.end()
    if (reading.is === 'answered') return told(reading)
    if (reading.is === 'truncated' && !isOverTcp) return send(sendStream, plain)
    if (reading.is === 'failed' && reading.plain && !plain) return send(by, true)
    told({ is: 'failed', reason: reading.is === 'failed' ? reading.reason : wrong })
  }
  send(sendDatagram, false)
  return { end: () => exchange?.end() }
}

const wrong = 'an answer of no use'
