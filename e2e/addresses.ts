/** The test servers: the studio as it ships, and the same with the tiny test models of e2e/models beside. */
const FIRST_PORT = Number(process.env['KILN_E2E_PORT'] ?? 4273);
export const SHIPPED = `http://localhost:${FIRST_PORT}`;
export const WITH_TINY = `http://localhost:${FIRST_PORT + 1}`;
