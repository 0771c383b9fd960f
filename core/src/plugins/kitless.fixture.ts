import type { InstanceHost } from './instance.ts'

const away = async (): Promise<never> => {
  throw new Error('there is no supervisor')
}

/** For the tests: what an instance needs of a supervisor, where there is none. */
export const kitless: Pick<InstanceHost, 'shared' | 'once'> = {
  shared: () => ({ add: away, get: away }),
  once: (_scope, signal) => (_name, produce) => produce(signal),
}
