import { HttpResponse, type HttpAnswer } from './http-response.ts'
import { mysqlError, openingOfPostgres, postgresError, sshDisconnect } from './packets.ts'

/** How a server of a protocol says that it is closed. */
export interface Words {
  /** Bytes that the client says before it listens; 0: the server speaks first. */
  readonly opening: number
  /** @returns nothing where nobody would listen */
  answer(opening: Uint8Array, now: number): Uint8Array | undefined
  /** Whether it begins with a question of its own, which hears no before the client says anything else. */
  isQuestion?(opening: Uint8Array): boolean
}

/** What is said; the message is one line, the text is sent as it is. */
export interface Said {
  readonly message: string
  readonly text: string
  readonly http: HttpAnswer
}

export type Protocol = (typeof protocols)[number]

export const protocols = [
  'text',
  'http',
  'mysql',
  'postgres',
  'redis',
  'memcached',
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'ssh',
] as const

export function wordsOf(protocol: Protocol, said: Said): Words {
  return makers[protocol](said)
}

const makers: Readonly<Record<Protocol, (said: Said) => Words>> = {
  text: ({ text }) => saying(0, text),
  http({ http }) {
    const response = new HttpResponse(http)
    return { opening: 5, answer: (opening, now) => response.bytes(opening, now) }
  },
  mysql: ({ message }) => saying(0, mysqlError(message)),
  postgres({ message }) {
    const error = postgresError(message)
    return {
      opening: 8,
      answer: (opening) => (openingOfPostgres(opening) === 'cancel' ? undefined : error),
      isQuestion: (opening) => openingOfPostgres(opening) === 'encryption',
    }
  },
  /** A simple error, in answer to the first command. */
  redis: ({ message }) => saying(1, `-ERR ${message}\r\n`),
  memcached: ({ message }) => saying(1, `SERVER_ERROR ${message}\r\n`),
  /** In place of the greeting: RFC 5321 section 3.8, RFC 3463 section 3.5. */
  smtp: ({ message }) => saying(0, `421 4.3.2 ${message}\r\n`),
  /** RFC 3501 section 7.1.5, RFC 5530 section 3. */
  imap: ({ message }) => saying(0, `* BYE [UNAVAILABLE] ${message}\r\n`),
  /** RFC 1939 section 3, RFC 3206 section 4. */
  pop3: ({ message }) => saying(0, `-ERR [SYS/TEMP] ${message}\r\n`),
  /** RFC 959 section 4.2. */
  ftp: ({ message }) => saying(0, `421 ${message}\r\n`),
  ssh: ({ message }) => saying(0, sshDisconnect(message)),
}

function saying(opening: number, words: string | Uint8Array): Words {
  const bytes = Buffer.from(words)
  return { opening, answer: () => bytes }
}

/** Line ends would end the words, and a NUL would in PostgreSQL. */
export function oneLine(message: string): string {
  return message.replaceAll(/[\0\r\n]+/g, ' ')
}
