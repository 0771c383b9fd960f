import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import stickyBalancer from './index.ts'

const targets = ['a:1', 'b:1', 'c:1', 'd:1']

test('clients are spread, and each keeps its target', async () => {
  const plugin = await mount(stickyBalancer, {})
  const clients = Array.from({ length: 50 }, (_, index) => `10.0.0.${index}`)
  const chosen = async () =>
    Promise.all(clients.map(async (from) => (await plugin.connect({ from, targets })).target))
  const first = await chosen()
  expect(new Set(first)).toEqual(new Set(targets))
  expect(await chosen()).toEqual(first)
})

test('when another target leaves, a client stays where it is', async () => {
  const plugin = await mount(stickyBalancer, {})
  const from = '10.0.0.9'
  const { target } = await plugin.connect({ from, targets })
  for (const gone of targets.filter((each) => each !== target)) {
    const left = targets.filter((each) => each !== gone)
    expect(await plugin.connect({ from, targets: left })).toMatchObject({ target })
  }
})

test('when its own target fails, it is asked again among the rest', async () => {
  const plugin = await mount(stickyBalancer, {})
  const { target = '' } = await plugin.connect({ targets })
  const dialled = await plugin.connect({ targets, failing: [target] })
  expect(dialled).toMatchObject({ outcome: 'proxied' })
  expect(dialled.target).not.toBe(target)
})

test('by name, every client of a name goes to one target; without a name there is no opinion', async () => {
  const plugin = await mount(stickyBalancer, { on: 'sni' })
  const by = async (from: string, sni?: string) =>
    (await plugin.connect({ from, targets, ...(sni !== undefined && { sni }) })).target
  expect(await by('10.0.0.1', 'db.test')).toBe(await by('10.0.0.2', 'db.test'))
  expect(await by('10.0.0.1')).toBe('a:1')
})
