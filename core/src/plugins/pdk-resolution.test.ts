import { expect, test } from 'vitest'
import { folderOf, loadElsewhere, sourceOf } from './loading.fixture.ts'
import { resolvePdkToOurs } from './pdk-resolution.ts'

test('a copy of the PDK beside the plugin is passed over', async () => {
  const cwd = folderOf({
    'mine.ts': sourceOf('mine'),
    'node_modules/@kong-ts/pdk/package.json': '{"exports":"./index.js"}',
    'node_modules/@kong-ts/pdk/index.js': 'throw new Error("the wrong copy")',
  })
  expect(await loadElsewhere(cwd, './mine.ts')).toMatchObject({ loaded: [{ name: 'mine' }] })
})

test('asking twice does no harm', () => {
  resolvePdkToOurs()
  expect(resolvePdkToOurs).not.toThrow()
})
