package calibration

// Registration is what a boot is less.
const Registration = registration
