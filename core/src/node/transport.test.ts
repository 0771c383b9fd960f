import { expect, test } from 'vitest'
import { loadAddon } from '../transport/native/addon.ts'
import { chooseTransport, createTransport } from './transport.ts'

const nothing = () => ({ missing: 'it is not built' })

test('portable is portable whatever is built', () => {
  expect(createTransport('portable').name).toBe('portable')
  expect(chooseTransport('portable', nothing).name).toBe('portable')
})

test('without the addon auto says why it takes the other one, and native is refused', () => {
  const { transport, name } = chooseTransport('auto', nothing)
  expect(transport.name).toBe('portable')
  expect(name).toBe('portable (not native: it is not built)')
  expect(() => chooseTransport('native', nothing)).toThrow(
    'transport = native cannot be used: it is not built',
  )
})

const addon = loadAddon()

test.skipIf('missing' in addon)('with the addon auto and native are native', () => {
  for (const wanted of ['auto', 'native'] as const) {
    const { transport, name } = chooseTransport(wanted)
    expect(transport.name).toBe('native')
    expect(name).toBe('tls' in addon ? 'native' : expect.stringMatching(/^native \(TLS by Node: /))
  }
})
