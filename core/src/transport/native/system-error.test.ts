import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { systemError } from './system-error.ts'

test('an errno reads as Node words it', () => {
  const { ECONNREFUSED } = constants.errno
  expect(systemError('connect', ECONNREFUSED, '127.0.0.1:1')).toMatchObject({
    message: 'connect ECONNREFUSED 127.0.0.1:1',
    code: 'ECONNREFUSED',
    errno: -ECONNREFUSED,
    syscall: 'connect',
  })
})
