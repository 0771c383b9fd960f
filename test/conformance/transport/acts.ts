import { readdirSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { expect } from 'vitest'
import type { Relay, RelayEnd } from '../../../core/src/transport/transport.ts'

import { readAll, readSome } from './harness.ts'

/** A relay and both its ends. */
export interface Session {
  readonly client: Socket
  readonly upstream: Socket
  readonly relay: Relay
  /** What carries an end that is encrypted. */
  readonly carriers?: { readonly client: Socket; readonly upstream: Socket }
}

type Act = (session: Session) => unknown

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** What may happen to a session; a plan is any sequence of them. */
export const acts: readonly Act[] = [
  ({ client }) => !client.writableEnded && client.write('small'),
  ({ upstream }) => !upstream.writableEnded && upstream.write('small'),
  ({ client }) => !client.writableEnded && client.write(Buffer.alloc(700_000)),
  ({ upstream }) => !upstream.writableEnded && upstream.write(Buffer.alloc(700_000)),
  ({ client }) => client.resume(),
  ({ upstream }) => upstream.resume(),
  ({ client }) => client.end(),
  ({ upstream }) => upstream.end(),
  ({ client, carriers }) => reset(client, carriers?.client),
  ({ upstream, carriers }) => reset(upstream, carriers?.upstream),
  ({ relay }) => relay.throttle('upload', { bytesPerSecond: 1_000_000 }),
  ({ relay }) => relay.throttle('upload', undefined),
  ({ relay }) => relay.stop('fin'),
  ({ relay }) => relay.stop('rst'),
  turn,
  turn,
  () => new Promise((resolve) => setTimeout(resolve, 5)),
]

/** Over a unix socket there is no RST, and while a FIN is on its way Node 24 would lose the descriptor. */
function reset(socket: Socket, carrier = socket): void {
  const isEnding = socket.writableEnded && (carrier !== socket || !socket.writableFinished)
  if (carrier.remoteFamily === undefined || isEnding) carrier.destroy()
  else carrier.resetAndDestroy()
}

/** How many sockets this process has. */
export function descriptors(): number {
  const folder = '/proc/self/fd'
  return readdirSync(folder).filter((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:')
    } catch {
      // It was the descriptor of the listing itself.
      return false
    }
  }).length
}

/** Sessions that all ask at once are all answered. Answers with the ends that were not the upstream's, in order. */
export async function askAll(sessions: readonly Session[]): Promise<readonly RelayEnd[]> {
  await Promise.all(
    sessions.map(async ({ client, upstream }, index) => {
      client.write(`question ${index};`)
      const question = await readSome(upstream, `question ${index};`.length)
      expect(question.toString()).toBe(`question ${index};`)
      upstream.end('answer')
      expect((await readAll(client)).toString()).toBe('answer')
      client.end()
    }),
  )
  const ends = await Promise.all(sessions.map(({ relay }) => relay.done))
  return ends.filter(({ how, by }) => how !== 'fin' || by !== 'upstream')
}
