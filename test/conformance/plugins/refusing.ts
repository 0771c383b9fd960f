import {
  passthrough,
  phaseNames,
  reject,
  terminate,
  type PhaseName,
  type Plugin,
} from '@kong-ts/pdk'
import { smallPlugin } from './small-plugin.ts'

/** A phase whose answer is not what the types ask for: plugins may be written without them. */
function answering(name: string, phase: PhaseName, answer: () => unknown): Plugin {
  return smallPlugin(name, { [phase]: answer })
}

const farewells = {
  silently: undefined,
  kindly: 'come back later\r\n',
  inbytes: Buffer.of(0, 255, 10),
}

export const rejecting: readonly Plugin[] = [
  ...(['accept', 'preread', 'balance'] as const).flatMap((phase) =>
    Object.entries(farewells).flatMap(([how, farewell]) => [
      answering(`rejects-${phase}-${how}`, phase, () => reject('not today', farewell)),
      answering(`rejects-${phase}-${how}-late`, phase, async () => reject('not today', farewell)),
    ]),
  ),
  answering('speaks-over-tls', 'preread', () =>
    reject('not today', farewells.kindly, { overTls: true }),
  ),
]

export const throwing: readonly Plugin[] = phaseNames.flatMap((phase) => [
  answering(`throws-${phase}`, phase, () => {
    throw new Error(`broken in ${phase}`)
  }),
  answering(`throws-${phase}-late`, phase, () => Promise.reject(new Error(`broken in ${phase}`))),
  answering(`throws-${phase}-text`, phase, () => {
    throw `no error but a text, in ${phase}`
  }),
])

const trap = {
  get host(): string {
    throw new Error('hands off')
  },
}

const answers: Readonly<Record<PhaseName, Readonly<Record<string, unknown>>>> = {
  accept: { null: null, true: true, decision: terminate() },
  preread: {
    null: null,
    false: false,
    zero: 0,
    empty: '',
    unbranded: { reason: 'no' },
    target: { host: 'a', port: 1 },
  },
  tls: { null: null, word: 'passthrough', rejection: reject('too late') },
  balance: {
    null: null,
    number: 1,
    'no-host': { port: 80 },
    'empty-host': { host: '', port: 80 },
    'no-port': { host: '127.0.0.1' },
    'odd-port': { host: '127.0.0.1', port: 1.5 },
    'far-port': { host: '127.0.0.1', port: 65_536 },
    decision: passthrough,
    trap,
  },
  proxy: { null: null, rejection: reject('too late'), text: 'thanks' },
  log: { null: null, rejection: reject('too late') },
}

export const answeringOddly: readonly Plugin[] = phaseNames.flatMap((phase) =>
  Object.entries(answers[phase]).flatMap(([what, answer]) => [
    answering(`answers-${phase}-${what}`, phase, () => answer),
    answering(`answers-${phase}-${what}-late`, phase, () => Promise.resolve(answer)),
    answering(`answers-${phase}-${what}-thenable`, phase, () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library
      then: (done: (value: unknown) => void) => done(answer),
    })),
  ]),
)
