import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import maintenance from './index.ts'

test('turns everyone away', async () => {
  const plugin = await mount(maintenance, {})
  expect(await plugin.connect()).toMatchObject({
    outcome: 'rejected',
    reason: 'closed for maintenance',
    ending: 'plugin.maintenance.rejected',
  })
})

test('says why in the words of its configuration', async () => {
  const plugin = await mount(maintenance, { reason: 'back at nine' })
  expect(await plugin.connect({ sni: 'db.example' })).toMatchObject({ reason: 'back at nine' })
})

test('a misspelt key is an error', async () => {
  const input = { raeson: 'back at nine' } as { reason?: string }
  await expect(mount(maintenance, input)).rejects.toThrow('raeson: unknown field')
})
