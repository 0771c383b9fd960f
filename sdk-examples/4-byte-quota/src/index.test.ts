import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import byteQuota from './index.ts'

test('what fits passes', async () => {
  const plugin = await mount(byteQuota, { upload: 5 })
  const dialled = await plugin.connect({ bytes: ['he', 'llo'], reply: 'much more than that' })
  expect(dialled).toMatchObject({
    outcome: 'proxied',
    upload: 'hello',
    download: 'much more than that',
  })
})

test.each([
  ['upload', { bytes: 'hello!' }],
  ['download', { reply: 'hello!' }],
] as const)('one byte more of %s ends the connection', async (direction, dial) => {
  const plugin = await mount(byteQuota, { [direction]: 5 })
  expect(await plugin.connect(dial)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining(`more than 5 bytes of ${direction}`),
    ending: 'plugin.byte-quota.failed',
  })
})

test('a quota for neither direction is no configuration', async () => {
  await expect(mount(byteQuota, {})).rejects.toThrow('at least one of these fields')
})
