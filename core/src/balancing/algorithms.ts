import type { Upstream } from '../entities/rows.ts'
import { ConsistentHashing } from './consistent-hashing.ts'
import { Latency } from './latency.ts'
import { LeastConnections } from './least-connections.ts'
import type { Picker, Surroundings } from './picker.ts'
import { RandomTwoChoices } from './random-two-choices.ts'
import { RoundRobin } from './round-robin.ts'

type Asked = Pick<Upstream, 'algorithm' | 'slots'>

const makers: Readonly<Record<string, (around: Surroundings, slots: number) => Picker>> = {
  'round-robin': (around) => new RoundRobin(around),
  'least-connections': (around) => new LeastConnections(around),
  'consistent-hashing': (around, slots) => new ConsistentHashing(around, slots),
  latency: (around) => new Latency(around),
  'random-two-choices': (around) => new RandomTwoChoices(around),
}

/** Kong's default where an upstream says null. */
const defaultSlots = 10_000

/** The way to pick that an upstream asks for; where it says null, peers take turns. */
export function pickerOf({ algorithm, slots }: Asked, around: Surroundings): Picker {
  const make = makers[algorithm ?? 'round-robin']
  if (!make) throw new Error(`there is no algorithm ${String(algorithm)}`)
  return make(around, slots ?? defaultSlots)
}

/** Whether a way to pick minds the connections that other workers have. */
export function mindsLoads({ algorithm }: Asked): boolean {
  return algorithm === 'least-connections' || algorithm === 'random-two-choices'
}
