import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { definePlugin } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { Catalogue, describe, loadCatalogue } from './catalogue.ts'
import { folderOf, javaScript, loadElsewhere, sourceOf } from './loading.fixture.ts'
import { bundledPlugins } from './resolve-plugin.ts'

const manifest = (more: object) => JSON.stringify({ name: 'x', type: 'module', ...more })

/** Read from the disk, because core knows no plugin by name. */
function bundledNames(): string[] {
  const folders = createRequire(import.meta.url).resolve.paths('@kong-ts') ?? []
  const folder =
    folders.map((each) => join(each, '@kong-ts')).find((each) => existsSync(each)) ?? ''
  return readdirSync(folder).flatMap((name) => /^plugin-(.*)/.exec(name)?.[1] ?? [])
}

test('bundled plugins, also by short name and by package name, are there once', async () => {
  const [one = '', two = ''] = bundledNames()
  const answer = await loadElsewhere('/', 'bundled', one, `@kong-ts/plugin-${two}`)
  const loaded = bundledNames().map((name) => ({ name, from: 'bundled' }))
  expect(answer).toEqual({ loaded: expect.arrayContaining(loaded) })
  expect(bundledPlugins()).toHaveLength(loaded.length)
  expect(loaded.length).toBeGreaterThan(1)
})

test('off loads nothing', async () => {
  expect((await loadCatalogue(['off'], { cwd: '/' })).all()).toEqual([])
})

test.each([
  ['a .ts file', './mine.ts', { 'mine.ts': sourceOf('mine') }],
  ['a .js file', 'mine.mjs', { 'mine.mjs': javaScript(sourceOf('mine')) }],
  [
    'a .ts file below node_modules',
    './node_modules/a/mine.ts',
    { 'node_modules/a/mine.ts': sourceOf('mine') },
  ],
  [
    'a folder with exports',
    './a',
    {
      'a/package.json': manifest({ exports: { '.': { import: './lib/b.ts' } } }),
      'a/lib/b.ts': sourceOf('mine'),
    },
  ],
  [
    'a folder with main',
    './a',
    { 'a/package.json': manifest({ main: 'b' }), 'a/b.js': javaScript(sourceOf('mine')) },
  ],
  ['a folder without a manifest', './a/', { 'a/index.ts': sourceOf('mine') }],
])('%s far from the checkout loads, with the gateway’s PDK', async (_what, specifier, files) => {
  const cwd = folderOf(files)
  expect(await loadElsewhere(cwd, specifier)).toEqual({
    loaded: [{ name: 'mine', from: join(cwd, specifier).replace(/\/$/, '') }],
  })
})

test.each([
  ['own-name', 'own-name'],
  ['mine', 'kong-ts-plugin-mine'],
  ['@me/mine', '@me/mine'],
])('%s finds the package %s around the working folder', async (specifier, name) => {
  const cwd = folderOf({
    [`node_modules/${name}/package.json`]: manifest({ exports: './index.ts' }),
    [`node_modules/${name}/index.ts`]: sourceOf('mine'),
  })
  expect(await loadElsewhere(cwd, specifier)).toEqual({ loaded: [{ name: 'mine', from: name }] })
})

const phases = 'phases: {}, '
test.each([
  [
    'no default export',
    'export const a = 1',
    'has no plugin as its default export',
    'no_default_export',
  ],
  [
    'a wrong apiVersion',
    sourceOf('mine').replace('definePlugin(', '(').replace('name:', 'apiVersion: 2, name:'),
    'was made for another version of the plugin API',
    'wrong_api_version',
  ],
  ['a bad name', sourceOf('Mine!'), 'needs a name of lower-case letters', 'bad_name'],
  [
    'a bad version',
    sourceOf('mine').replace('1.0.0', 'one'),
    'needs a semantic version',
    'bad_version',
  ],
  [
    'no priority',
    sourceOf('mine').replace('priority: 1', "priority: 'high'"),
    'needs a priority',
    'bad_priority',
  ],
  [
    'no schema',
    sourceOf('mine').replace('schema: { type', 'schema: { kind'),
    "needs a schema of type 'object'",
    'bad_schema',
  ],
  [
    'a bad schema',
    sourceOf('mine').replace('properties: {}', "properties: { a: { type: 'nothing' } }"),
    'its schema is not valid: ',
    'bad_schema',
  ],
  ['no phases', sourceOf('mine').replace(phases, ''), 'needs phases', 'bad_phases'],
  [
    'an unknown phase',
    sourceOf('mine').replace(phases, 'phases: { rewrite() {} }, '),
    'knows a phase that does not exist',
    'bad_phases',
  ],
  [
    'a phase that is no function',
    sourceOf('mine').replace(phases, 'phases: { log: 1 }, '),
    'has a phase that is no function',
    'bad_phases',
  ],
  [
    'an unknown protocol',
    sourceOf('mine', "protocols: ['udp']"),
    'needs at least one protocol of tcp, tls',
    'bad_protocols',
  ],
  ['a syntax error', 'export default {', 'cannot be loaded: ', 'import_failed'],
  [
    'a setup that is no function',
    sourceOf('mine', 'setup: 1'),
    'has a setup, teardown or check that is no function',
    'bad_hooks',
  ],
  [
    'a description that is no text',
    sourceOf('mine', 'description: 1'),
    'needs a description that is a text',
    'bad_description',
  ],
  [
    'an import of the inside of the gateway',
    `import '${new URL('within.ts', import.meta.url).href}'\n${sourceOf('mine')}`,
    'cannot be loaded: it imports',
    'imports_core',
  ],
  [
    'an import of the gateway by its name',
    `import '@kong-ts/core'\n${sourceOf('mine')}`,
    "cannot be loaded: it imports '@kong-ts/core'",
    'imports_core',
  ],
  [
    'a missing import',
    "import 'nowhere-to-be-found'",
    'cannot be loaded: Cannot find package',
    'import_failed',
  ],
])('a file with %s is refused, and the error names it', async (_what, source, message, code) => {
  const cwd = folderOf({ 'mine.ts': source })
  const answer = await loadElsewhere(cwd, './mine.ts')
  expect(answer).toMatchObject({ name: 'PluginLoadError', code: `plugin_${code}` })
  expect(answer).toMatchObject({
    message: expect.stringMatching(new RegExp(`\\[plugin_${code}\\]$`)),
  })
  expect(answer).toMatchObject({
    message: expect.stringContaining(`plugin './mine.ts': ${message}`),
  })
})

test('a file that a plugin imports may not import the inside of the gateway, either', async () => {
  const inside = new URL('within.ts', import.meta.url).pathname
  const cwd = folderOf({
    'mine.ts': `import './other.ts'\n${sourceOf('mine')}`,
    'other.ts': `export { within } from '${inside}'`,
  })
  expect(await loadElsewhere(cwd, './mine.ts')).toMatchObject({ code: 'plugin_imports_core' })
})

test.each(['nowhere', './nowhere.ts', './folder', '/nowhere/at/all.js'])(
  '%s is not installed',
  async (specifier) => {
    const cwd = folderOf({ 'folder/readme.txt': '' })
    await expect(loadCatalogue([specifier], { cwd })).rejects.toThrow(
      `${specifier} plugin is enabled but not installed; no package or file of that name was found`,
    )
  },
)

test('a broken package.json is named', async () => {
  const cwd = folderOf({ 'a/package.json': '{' })
  await expect(loadCatalogue(['./a'], { cwd })).rejects.toThrow(
    /plugin '.\/a': its package.json cannot be read/,
  )
})

test('two plugins of one name are refused, with both places', async () => {
  const cwd = folderOf({ 'a.ts': sourceOf('mine'), 'b.ts': sourceOf('mine') })
  expect(await loadElsewhere(cwd, './a.ts', './b.ts')).toMatchObject({
    message: `plugin 'mine' is there twice: ${cwd}/a.ts and ${cwd}/b.ts [plugin_name_taken]`,
  })
})

test('a catalogue finds by name, and lists in the order in which plugins run', () => {
  const plugin = (name: string, priority: number) =>
    describe(
      definePlugin({
        name,
        version: '1.0.0',
        priority,
        schema: { type: 'object', properties: {} },
        phases: {},
      }),
      'memory',
    )
  const catalogue = new Catalogue([plugin('late', 1), plugin('early', 2)])
  expect(catalogue.find('late')?.from).toBe('memory')
  expect(catalogue.find('other')).toBeUndefined()
  expect(catalogue.names()).toEqual(['late', 'early'])
  expect(catalogue.all().map((each) => each.plugin.name)).toEqual(['early', 'late'])
})

test('a configuration is held to the schema and to the check of the plugin', () => {
  const { validate } = describe(
    definePlugin({
      name: 'checked',
      version: '1.0.0',
      priority: 1,
      schema: {
        type: 'object',
        properties: { low: { type: 'integer', default: 1 }, high: { type: 'integer' } },
      },
      check: ({ low, high = Infinity }) => (low > high ? 'low is above high' : undefined),
      phases: {},
    }),
    'memory',
  )
  expect(validate({ high: 2 })).toMatchObject({ ok: true, value: { low: 1, high: 2 } })
  expect(validate({ hihg: 2 })).toMatchObject({ ok: false, fields: { hihg: 'unknown field' } })
  expect(validate({ high: 0 })).toMatchObject({
    ok: false,
    fields: { '@entity': ['low is above high'] },
  })
})
