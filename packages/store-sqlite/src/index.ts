// The public door of the SQLite store: every exported name stands here by hand.
export { openSqliteStore, type SqliteStoreOptions } from "./sqlite-store.ts";
