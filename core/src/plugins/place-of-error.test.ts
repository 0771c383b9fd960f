import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderOf, loadElsewhere, sourceOf } from './loading.fixture.ts'
import { placeOfError } from './place-of-error.ts'

test.each([
  ['code that does not parse', 'const a = 1\nexport default (((\n', 2],
  ['syntax that cannot be erased', 'type A = 1\n\nenum B { c }\n', 3],
  ['code that throws', "const a: number = 1\nthrow new Error('no way')\n", 2],
])('%s is told with its file and line', async (_what, source, line) => {
  const cwd = folderOf({
    'mine.ts': `import './other.ts'\n${sourceOf('mine')}`,
    'other.ts': source,
  })
  const place = `(${join(cwd, 'other.ts')}:${line}) [plugin_import_failed]`
  expect(await loadElsewhere(cwd, './mine.ts')).toMatchObject({
    message: expect.stringContaining(place),
  })
})

test('what is not of a plugin has no place', () => {
  expect(placeOfError(new Error('here'))).toBeUndefined()
  expect(placeOfError('boom')).toBeUndefined()
})
