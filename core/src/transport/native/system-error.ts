import { getSystemErrorName } from 'node:util'

/** An errno as the error that Node would have made of it: `code` is its name. */
export function systemError(call: string, errno: number, where = ''): Error {
  const code = getSystemErrorName(-errno)
  const message = [call, code, where].filter((part) => part !== '').join(' ')
  return Object.assign(new Error(message), { code, errno: -errno, syscall: call })
}
