import { noPostgres, reservedIn, reserveServer } from '../core/src/store/postgres.fixture.ts'

/** Around a run of the tests: the first test that asks for a PostgreSQL server starts one, which ends with the run. */
export default function reserve(): () => Promise<void> {
  if (noPostgres !== undefined) {
    process.stderr.write(`tests with a PostgreSQL server are skipped: ${noPostgres}\n`)
  }
  const { folder, end } = reserveServer()
  process.env[reservedIn] = folder
  return end
}
