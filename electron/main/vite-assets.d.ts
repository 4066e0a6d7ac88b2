/** A picture that the bundler puts into the code, as a `data:` address. */
declare module '*.png?inline' {
  const address: string;
  // biome-ignore lint/style/noDefaultExport: that is how the bundler gives it
  export default address;
}
