import type { InstanceHost } from './instance.ts'

const away = async (): Promise<never> => {
  throw new Error('there is no supervisor')
}

const nothing = (): void => undefined

/** For the tests: what an instance needs of a supervisor, where there is none. */
export const kitless: Pick<InstanceHost, 'shared' | 'once' | 'buckets' | 'name'> = {
  name: () => undefined,
  shared: () => ({ add: away, get: away, parts: away }),
  buckets: {
    rate: () => ({ left: 0 }),
    allowance: () => ({ left: 0, grant: nothing, end: nothing, close: nothing }),
  },
  once: (_scope, signal) => (_name, produce) => produce(signal),
}
