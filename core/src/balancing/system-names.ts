import { isIPv4, isIPv6 } from 'node:net'
import type { Answer, Names, Watch } from './names.ts'
import type { Resolve } from './resolver.ts'

/** Milliseconds between two looks at a name that is watched; the system's resolver tells no TTL. */
const every = 5_000

/** Names as the system's resolver knows them. */
export function systemNames(resolve: Resolve): Names {
  return {
    resolve(host) {
      const found = resolve(host)
      return found instanceof Promise ? found.then(answerOf) : answerOf(found)
    },
    watch: (host, changed) => watch(resolve, host, changed),
  }
}

function watch(resolve: Resolve, host: string, changed: (answer: Answer) => void): Watch {
  let last: string | undefined
  let isOver = false
  const hear = (addresses: readonly string[]): void => {
    const text = addresses.toSorted().join()
    if (isOver || text === last) return
    last = text
    changed(answerOf(addresses))
  }
  const look = (): boolean => {
    const found = resolve(host)
    if (found instanceof Promise) void found.then(hear)
    else hear(found)
    return found instanceof Promise
  }
  const timer = look() ? setInterval(look, every).unref() : undefined
  return {
    close() {
      isOver = true
      clearInterval(timer)
    },
  }
}

/** Addresses of IPv4 before those of IPv6, in the order of their digits: the resolver has them take turns. */
function answerOf(found: readonly string[]): Answer {
  const sorted = found.toSorted((a, b) => Number(isIPv6(a)) - Number(isIPv6(b)) || (a < b ? -1 : 1))
  const addresses = sorted.map((ip) => ({ ip }))
  const type = sorted.some((ip) => isIPv4(ip)) ? 'A' : 'AAAA'
  return addresses.length > 0 ? { addresses, type } : { addresses, type: 'A', error: 'no address' }
}
