import { expect, test } from 'vitest'
import { PluginError } from './plugin-error.ts'
import { apiVersion, definePlugin, protocols } from './plugin.ts'
import { slot } from './slot.ts'

const definition = {
  name: 'trial',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
  phases: {},
} as const

test('a definition becomes a plugin of this version of the contract, for every protocol', () => {
  expect(definePlugin(definition)).toEqual({
    ...definition,
    apiVersion,
    protocols,
    description: '',
  })
})

test('what is stated goes before the defaults', () => {
  const plugin = definePlugin({ ...definition, protocols: ['tls'], description: 'a trial' })
  expect(plugin).toMatchObject({ protocols: ['tls'], description: 'a trial' })
})

test('a slot is its name', () => {
  expect(slot<number>('seen')).toEqual(slot<string>('seen'))
})

test('an error says whose it is, where, and why', () => {
  const cause = new Error('broken')
  const error = new PluginError('trial', 'preread', cause)
  expect(error).toMatchObject({ plugin: 'trial', phase: 'preread', code: 'ERR_PLUGIN', cause })
  expect(error.message).toBe('plugin trial, preread: broken')
  expect(new PluginError('trial', 'log', 'text').message).toBe('plugin trial, log: text')
})
