import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPlugin, PluginLoadError } from './load-plugin.ts'
import { folderOf } from './loading.fixture.ts'
import { resolvePlugin } from './resolve-plugin.ts'

test('a plugin may be plain data, without the PDK', async () => {
  const plugin = {
    apiVersion: 1,
    name: 'plain',
    version: '1.0.0',
    description: '',
    priority: 1,
    protocols: ['tcp'],
    schema: { type: 'object', properties: {} },
    phases: {},
  }
  const folder = folderOf({ 'plain.mjs': `export default ${JSON.stringify(plugin)}` })
  const location = resolvePlugin('./plain.mjs', folder)
  expect(location).toEqual({
    specifier: './plain.mjs',
    url: pathToFileURL(join(folder, 'plain.mjs')).href,
    from: join(folder, 'plain.mjs'),
  })
  expect(await loadPlugin('./plain.mjs', location?.url ?? '')).toEqual(plugin)
})

test('what throws while it is loaded is named', async () => {
  const folder = folderOf({ 'bad.mjs': "throw new Error('boom')" })
  const loading = loadPlugin('bad', pathToFileURL(join(folder, 'bad.mjs')).href)
  await expect(loading).rejects.toThrow(
    new PluginLoadError('plugin_import_failed', "plugin 'bad': cannot be loaded: boom"),
  )
})

test('what waits for ever while it is loaded is given up', async () => {
  const folder = folderOf({ 'bad.mjs': 'await new Promise(() => undefined)' })
  const loading = loadPlugin('bad', pathToFileURL(join(folder, 'bad.mjs')).href, 20)
  await expect(loading).rejects.toThrow(
    "plugin 'bad': cannot be loaded: did not settle within 20 ms",
  )
})
