import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { defineConfig } from "vitest/config";

const MARK = "\0css-as-text:";

/** Saved outputs of the widget that died, beside the checkout; tests of them skip where they are not. */
const corpus = resolve(process.env.RUNDETAILS_CORPUS ?? "../shared/corpus");

export default defineConfig({
  plugins: [
    {
      // The same meaning of `import css from "./style.css"` as in js/build.mjs: the sheet as text.
      // The resolved name must not end in .css, or vite's own handling empties it.
      name: "css-as-text",
      enforce: "pre",
      resolveId: (source, importer) =>
        source.endsWith(".css") && importer ? `${MARK}${resolve(dirname(importer), source)}.js` : null,
      load: (id) =>
        id.startsWith(MARK)
          ? `export default ${JSON.stringify(readFileSync(id.slice(MARK.length, -".js".length), "utf8"))}`
          : null,
    },
  ],
  resolve: { alias: { "@corpus": corpus } },
  server: { fs: { allow: [".", corpus] } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    environment: "happy-dom",
    include: ["tests/js/**/*.test.{ts,tsx}"],
    passWithNoTests: true,
    // Against a hang, not against slowness: two shared cores may take their time.
    testTimeout: 60_000,
  },
});
