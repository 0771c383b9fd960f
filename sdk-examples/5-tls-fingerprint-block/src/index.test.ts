import { mount } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import block from './index.ts'

async function fingerprint(sni: string): Promise<string> {
  const plugin = await mount(block, { deny: ['none'] })
  return (await plugin.connect({ sni })).summary.hello?.ja4 ?? ''
}

test('a fingerprint is denied, whole or by its beginning', async () => {
  const ja4 = await fingerprint('db.test')
  expect(ja4).toMatch(/^t1[0-9a-z]+_[0-9a-f]{12}_[0-9a-f]{12}$/)
  for (const denied of [ja4, `${ja4.slice(0, 10)}*`]) {
    const plugin = await mount(block, { deny: ['other', denied] })
    const dialled = await plugin.connect({ sni: 'db.test' })
    expect(dialled).toMatchObject({
      outcome: 'rejected',
      reason: `the fingerprint ${ja4} is denied`,
    })
    expect(dialled.farewell).toBe('\u0015\u0003\u0003\0\u0002\u0002(')
  }
})

test('others pass: another fingerprint, a part of one, and plain connections', async () => {
  const ja4 = await fingerprint('db.test')
  const plugin = await mount(block, { deny: [`${ja4}x`, ja4.slice(0, -1)] })
  expect(await plugin.connect({ sni: 'db.test' })).toMatchObject({ outcome: 'proxied' })
  expect(await plugin.connect()).toMatchObject({ outcome: 'proxied' })
})
