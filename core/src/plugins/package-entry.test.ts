import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOf } from './loading.fixture.ts'
import { entryOf, isFile } from './package-entry.ts'

test.each([
  ['exports as a text', { exports: './a.js', main: './b.js' }, 'a.js'],
  ['exports of the root', { exports: { '.': './a.js', './b': './b.js' } }, 'a.js'],
  [
    'conditions, the first that holds',
    { exports: { '.': { types: './c.ts', require: './b.js', import: './a.js' } } },
    'a.js',
  ],
  ['nested conditions', { exports: { node: { import: './a.js' }, default: './b.js' } }, 'a.js'],
  ['a list', { exports: [{ browser: './b.js' }, './a.js'] }, 'a.js'],
  ['main', { main: 'a.js' }, 'a.js'],
  ['main without its ending', { main: './a' }, 'a.js'],
  ['nothing', {}, 'src/index.ts'],
  ['a file that is not there', { exports: './nowhere.js' }, undefined],
  ['no condition that holds', { exports: { '.': { browser: './a.js' } } }, 'src/index.ts'],
])('%s', (_what, manifest, entry) => {
  const folder = folderOf({
    'package.json': JSON.stringify(manifest),
    'a.js': '',
    'b.js': '',
    'src/index.ts': '',
  })
  expect(entryOf(folder)).toBe(entry && join(folder, entry))
})

test('a folder is no file, and neither is nothing', () => {
  const folder = folderOf({ 'a.js': '' })
  expect([isFile(folder), isFile(join(folder, 'b.js')), isFile(join(folder, 'a.js'))]).toEqual([
    false,
    false,
    true,
  ])
})
