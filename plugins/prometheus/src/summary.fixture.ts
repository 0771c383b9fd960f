import type { Summary } from '@kong-ts/pdk'
import { definePlugin } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import type { Dial } from '@kong-ts/pdk/testing'

/** For the tests: how a session ended that nobody has touched. */
export async function summaryOf(dial: Dial, more: Partial<Summary> = {}): Promise<Summary> {
  const schema = { type: 'object', properties: {} } as const
  const plain = definePlugin({ name: 'plain', version: '1.0.0', priority: 1, schema, phases: {} })
  const { summary } = await (await mount(plain, {})).connect(dial)
  return { ...summary, ...more }
}
