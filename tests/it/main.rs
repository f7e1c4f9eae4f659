//! Every integration test of hotelbot, linked once.
