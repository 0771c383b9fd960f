import { isIP, isIPv6 } from 'node:net'
import type { Awaitable } from '@kong-ts/pdk'
import type { Answer, Names } from './names.ts'

/** For the tests: what a name that has these addresses is answered with. */
export function answerOf(addresses: readonly string[], error = 'no such name'): Answer {
  const [first = ''] = addresses
  return {
    addresses: addresses.map((ip) => ({ ip })),
    type: isIPv6(first) ? 'AAAA' : 'A',
    ...(addresses.length === 0 && { error }),
  }
}

/** For the tests: names whose addresses a function knows; a literal address is its own. Nothing ever changes. */
export function fixedNames(find: (host: string) => Awaitable<readonly string[]>): Names {
  const resolve = (host: string): Awaitable<Answer> => {
    if (isIP(host) !== 0) return answerOf([host])
    const found = find(host)
    return found instanceof Promise
      ? found.then((addresses) => answerOf(addresses))
      : answerOf(found)
  }
  return {
    resolve,
    watch(host, changed) {
      const answer = resolve(host)
      if (answer instanceof Promise) void answer.then(changed)
      else changed(answer)
      return { close: () => undefined }
    },
  }
}
