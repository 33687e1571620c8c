/** The bundle carries its style sheet as text: see cssAsText in build.mjs. */
declare module "*.css" {
  const text: string;
  export default text;
}
