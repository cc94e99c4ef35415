// Stands where a library of the overlay asks for a module that it never uses here (vite.config.ts).
export default {};
