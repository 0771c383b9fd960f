import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CrowdKind, Heard, Order, Word } from './words.ts'

const client = new URL('client.child.ts', import.meta.url).pathname
const echo = new URL('echo.child.ts', import.meta.url).pathname

/** Sessions of one process: its descriptors, and one core's worth of handshakes. */
const ofOne = 2_500

export interface CrowdOptions {
  readonly port: number
  readonly kind: CrowdKind
  readonly sessions: number
  /** The name that TLS sessions ask for. */
  readonly name: string
}

/** Many sessions that are held in silence, by processes that have nothing else to do. */
export interface Crowd {
  /** Lets all speak at once; called again, again. */
  speak(): Promise<Heard>
  /** All sessions are closed. */
  leave(): Promise<void>
}

/** An echo in a process of its own. */
export async function startCrowdEcho(): Promise<{ readonly port: number; stop(): void }> {
  const child = fork(echo)
  const { port } = await wordOf<{ port: number }>(child)
  return { port, stop: () => child.disconnect() }
}

/** Opens them all; throws when one of them cannot be opened. */
export async function gather({ port, kind, sessions, name }: CrowdOptions): Promise<Crowd> {
  const counts = Array.from({ length: Math.ceil(sessions / ofOne) }, (_, index) =>
    Math.min(ofOne, sessions - index * ofOne),
  )
  const parts = counts.map((count) => fork(client, [port, kind, count, name].map(String)))
  const end = (): void => parts.forEach((part) => part.kill('SIGKILL'))
  try {
    await Promise.all(parts.map((part) => wordOf<Word>(part)))
  } catch (error) {
    end()
    throw error
  }
  const order = (word: Order): void => parts.forEach((part) => part.send(word))
  return {
    async speak() {
      const words = parts.map((part) => wordOf<Word>(part))
      order('speak')
      return sum((await Promise.all(words)).map(({ heard }) => heard))
    },
    async leave() {
      const exits = parts.map((part) => once(part, 'exit'))
      order('leave')
      await Promise.all(exits)
    },
  }
}

function sum(all: readonly (Heard | undefined)[]): Heard {
  const heard = all.filter((each) => each !== undefined)
  return {
    answered: heard.reduce((total, each) => total + each.answered, 0),
    lost: heard.reduce((total, each) => total + each.lost, 0),
    milliseconds: Math.max(...heard.map((each) => each.milliseconds)),
  }
}

/** The next word of a child; throws when it says that it failed, or ends without one. */
async function wordOf<T extends object>(child: ChildProcess): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  try {
    const [word] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a part of the crowd ended, exit ${code}`)
      }),
    ])
    if ('failed' in word) throw new Error(`a part of the crowd failed: ${word.failed}`)
    return word
  } finally {
    controller.abort()
  }
}
