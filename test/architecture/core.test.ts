import { expect, test } from 'vitest'

import ts from 'typescript'

import { files, folders, isTest, read, sources } from './repository.ts'
import { nodes, parse } from './syntax.ts'

const core = files('core/src').filter((path) => path.endsWith('.ts') && !isTest(path))

/** Where the name of a plugin means something else: the prefix of a place for logs that nginx knows. */
const otherMeanings = ['core/src/settings/paths.ts: syslog']

test('core names no bundled plugin', () => {
  const names = folders('plugins').map((folder) => folder.slice('plugins/'.length))
  const named = core.flatMap((path) => {
    const text = read(path).toLowerCase()
    return names.filter((name) => text.includes(name)).map((name) => `${path}: ${name}`)
  })
  expect(names).not.toHaveLength(0)
  expect(named).toEqual(otherMeanings)
  const { dependencies } = JSON.parse(read('core/package.json')) as { dependencies: object }
  expect(Object.keys(dependencies).filter((name) => name.includes('plugin-'))).toEqual([])
})

test('there are six hooks, and they are made in one place', () => {
  const isHook = (node: ts.Node): node is ts.NewExpression =>
    ts.isNewExpression(node) && node.expression.getText().endsWith('Hook')
  const made = sources().flatMap((path) => nodes(parse(path), isHook).map(() => path))
  expect(made).toEqual(Array.from({ length: 6 }, () => 'core/src/pipeline/pipeline.ts'))
})

test('what is known of a connection is in its type: no non-null assertion', () => {
  const lifeOfOne = core.filter((path) => path.startsWith('core/src/connection/'))
  expect(lifeOfOne).not.toHaveLength(0)
  const asserted = lifeOfOne.flatMap((path) => nodes(parse(path), ts.isNonNullExpression))
  expect(asserted.map((node) => `${node.getSourceFile().fileName}: ${node.getText()}`)).toEqual([])
})

test('no module is augmented: plugins share typed slots', () => {
  const isAugmentation = (node: ts.Node): node is ts.ModuleDeclaration =>
    ts.isModuleDeclaration(node)
  const augmenting = sources().filter((path) => nodes(parse(path), isAugmentation).length > 0)
  expect(augmenting).toEqual([])
})
