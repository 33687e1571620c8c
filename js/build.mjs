// Bundles js/src/index.ts with its style sheet into src/rundetails/static/index.js.
//   node js/build.mjs          build for release (minified)
//   node js/build.mjs --watch  build again at each change, readable, with a source map
//   node js/build.mjs --size   what the bundle is made of; fails above the budget
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const OUTPUT = "src/rundetails/static/index.js";
/** Bytes, minified: docs/design.md, "Front end". */
const BUDGET = 300_000;

const watch = process.argv.includes("--watch");

/** `import css from "./style.css"` gives the minified sheet as text. */
const cssAsText = {
  name: "css-as-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, "utf8"), { loader: "css", minify: !watch });
      return { contents: code, loader: "text", watchFiles: [path] };
    });
  },
};

const options = {
  entryPoints: ["js/src/index.ts"],
  outfile: OUTPUT,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !watch,
  sourcemap: watch ? "inline" : false,
  metafile: true,
  // Without charset esbuild writes every sign beyond ASCII as an escape, three times as long.
  charset: "utf8",
  legalComments: "none",
  logLevel: "info",
  plugins: [cssAsText],
};

if (watch) {
  await (await esbuild.context(options)).watch();
} else {
  // esbuild has printed its errors by then; a stack of its own would only bury them.
  const { metafile } = await esbuild.build(options).catch(() => process.exit(1));
  if (process.argv.includes("--size")) {
    const built = readFileSync(OUTPUT);
    console.log(await esbuild.analyzeMetafile(metafile));
    console.log(`${built.length} bytes, ${gzipSync(built).length} compressed, budget ${BUDGET}`);
    if (built.length > BUDGET) process.exit(1);
  }
}
