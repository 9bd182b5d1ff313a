// The library's front door: every exported name stands here by hand.
export * from "@jackfield/core";
