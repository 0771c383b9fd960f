import { expect, test } from 'vitest'
import { codeOf } from './code-of.ts'
import { CommandError } from './command-error.ts'
import { messageOf } from './message-of.ts'
import { SettingsError } from './settings-error.ts'

test('whatever was thrown has a message and a code', () => {
  expect(messageOf(new Error('why'))).toBe('why')
  expect(messageOf('a text')).toBe('a text')
  expect(messageOf(undefined)).toBe('undefined')
  expect(codeOf(Object.assign(new Error('why'), { code: 'EACCES' }))).toBe('EACCES')
  expect(codeOf('a text')).toBe('')
})

test('an error of a command says what to do about it by its code', () => {
  const error = new CommandError('NOT_RUNNING', 'nobody there')
  expect(error).toMatchObject({ code: 'NOT_RUNNING', message: 'nobody there' })
})

test('every problem of the settings is a line of its own', () => {
  const error = new SettingsError(['a is wrong', 'b is wrong'])
  expect(error).toMatchObject({ problems: ['a is wrong', 'b is wrong'], code: 'SETTINGS_INVALID' })
  expect(error.message).toBe('a is wrong\nb is wrong')
})
