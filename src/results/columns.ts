/** Columns of a table's schema, by type. */
export const text = (name: string) => ({ name, type: 'string' as const })
export const number = (name: string) => ({ name, type: 'float64' as const })
export const integer = (name: string) => ({ name, type: 'int32' as const })
