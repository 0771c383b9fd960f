import { isDeepStrictEqual } from 'node:util'
import type { Plugin } from '../plugin.ts'
import type { Outcome } from './connect.ts'
import { fillIn, type Dial } from './dial.ts'
import { mount, type MountOptions } from './mount.ts'

/** Splits tried for one dial at most; of longer dials so many are tried, spread evenly. */
const mostSplits = 512

/**
 * Repeats a dial with the client's bytes split at every point, and byte by byte, each time with an instance of its
 * own: how a network cuts a stream must not matter. Answers with the outcome that they have in common.
 * @throws Error that says at which split the outcome is another one, and what is different
 */
export async function replay<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  input: NoInfer<In>,
  dial: Dial,
  options?: MountOptions,
): Promise<Outcome> {
  const whole = Buffer.concat(fillIn(dial).chunks)
  const connect = async (bytes: readonly Buffer[]): Promise<Outcome> => {
    const mounted = await mount(plugin, input, options)
    try {
      return await mounted.connect({ ...dial, bytes })
    } finally {
      await mounted.unmount()
    }
  }
  const expected = await connect([whole])
  const step = Math.max(1, Math.ceil(whole.length / mostSplits))
  for (let at = step; at < whole.length; at += step) {
    const outcome = await connect([whole.subarray(0, at), whole.subarray(at)])
    compare(`split after byte ${at} of ${whole.length}`, expected, outcome)
  }
  const bytes = Array.from(whole, (_byte, index) => whole.subarray(index, index + 1))
  compare('sent byte by byte', expected, await connect(bytes))
  return expected
}

const compared = [
  'outcome',
  'reason',
  'ending',
  'target',
  'said',
  'upload',
  'download',
  'farewell',
  'throttle',
] as const satisfies readonly (keyof Outcome)[]

function compare(how: string, expected: Outcome, outcome: Outcome): void {
  const different = compared.filter((field) => !isDeepStrictEqual(expected[field], outcome[field]))
  if (different.length === 0) return
  const lines = different.map((field) => {
    const [before, after] = [expected[field], outcome[field]].map((value) => JSON.stringify(value))
    return `${field}: ${before} as a whole, ${after} ${how}`
  })
  throw new Error(`the outcome depends on how the bytes arrive: ${lines.join('; ')}`)
}
