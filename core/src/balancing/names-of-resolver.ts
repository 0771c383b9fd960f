import { isIPv6 } from 'node:net'
import { type Clock, systemClock } from './dns/clock.ts'
import type { Answer, Names } from './names.ts'
import type { Resolve } from './resolver.ts'

/** Milliseconds between looks at a name that is watched: the system's resolver tells no TTL. */
const lookEvery = 5_000

/** Names as the system's resolver knows them. */
export function namesOfResolver(resolve: Resolve, clock: Clock = systemClock): Names {
  const known = (host: string): Answer | Promise<Answer> => {
    const found = resolve(host)
    return found instanceof Promise ? found.then(answerOf) : answerOf(found)
  }
  return {
    resolve: known,
    watch(host, changed) {
      let last = ''
      let closed = false
      let cancel = (): void => undefined
      const look = (): void => {
        const found = known(host)
        if (found instanceof Promise) void found.then(tell)
        else tell(found)
      }
      const tell = (answer: Answer): void => {
        if (closed) return
        const now = JSON.stringify(answer.addresses.map(({ ip }) => ip).toSorted())
        if (now !== last) changed(answer)
        last = now
        cancel = clock.after(lookEvery, look)
      }
      look()
      return {
        close() {
          closed = true
          cancel()
        },
      }
    },
  }
}

function answerOf(addresses: readonly string[]): Answer {
  const [first] = addresses
  const type = first !== undefined && isIPv6(first) ? 'AAAA' : 'A'
  const found = addresses.map((ip) => ({ ip }))
  return first === undefined
    ? { type, addresses: found, error: 'the name was not resolved' }
    : { type, addresses: found }
}
