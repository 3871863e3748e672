/** As `package.json` has it; the bundler puts it in. */
export const VERSION = process.env.AUTHBAR_BUILD_VERSION ?? 'dev';
