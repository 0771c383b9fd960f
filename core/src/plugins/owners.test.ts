import { expect, test } from 'vitest'
import { ownerOf, ownFiles } from './owners.ts'

test('an error is the plugin’s from whose files it comes, in any edition of them', () => {
  ownFiles('mine', ['/somewhere/my plugin.ts'])
  const error = new Error('no')
  error.stack =
    'Error: no\n    at f (file:///elsewhere/x.ts:1:2)\n    at file:///somewhere/my%20plugin.ts?edition=3:4:5'
  expect(ownerOf(error)).toBe('mine')
  error.stack = 'Error: no\n    at f (file:///elsewhere/x.ts:1:2)'
  expect([ownerOf(error), ownerOf('text')]).toEqual([undefined, undefined])
})
