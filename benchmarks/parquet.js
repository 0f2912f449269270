// Reads a whole Parquet file as row objects, for benchmarks only.
import { DuckDBInstance } from '@duckdb/node-api'

export async function parquetReadObjects(path, where = 'true') {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `SELECT * FROM read_parquet('${path.replaceAll("'", "''")}') WHERE ${where}`,
  )
  const rows = reader.getRowObjects()
  connection.closeSync()
  instance.closeSync()
  return rows
}
